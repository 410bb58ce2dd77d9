import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Variables that may hold the path of a browser, the first that is set wins. */
export const browserVariables = [
  'MILLRACE_BROWSER',
  'CHROME_PATH',
  'CHROMIUM_PATH',
  'CHROME_BIN',
  'PUPPETEER_EXECUTABLE_PATH',
];

/** Flags for a test run: no sandbox (containers), no graphics card, no talk with the network. */
export const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const commands = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

const onMac = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
  (name) => `${name}.app/Contents/MacOS/${name}`,
);

const onWindows = [
  ['Google', 'Chrome', 'Application', 'chrome.exe'],
  ['Chromium', 'Application', 'chrome.exe'],
  ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
];

const onLinux = [
  '/opt/google/chrome/chrome',
  '/opt/microsoft/msedge/msedge',
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
];

/**
 * Path of a Chrome, Chromium or Edge, or `undefined`. Asks the environment, then the command path, then
 * the places where installers put them.
 *
 * @param {Record<string, string | undefined>} [environment]
 * @param {NodeJS.Platform} [platform]
 * @returns {string | undefined}
 * @throws when a variable names a file that is not there: a wish that cannot be met is no wish for another browser
 */
export function findBrowser(environment = process.env, platform = process.platform) {
  for (const name of browserVariables) {
    const path = environment[name];
    if (path === undefined || path === '') continue;
    if (isProgram(path)) return path;
    throw new Error(`${name} names ${JSON.stringify(path)}, which is not a program`);
  }
  return candidates(environment, platform).find(isProgram);
}

/**
 * @param {Record<string, string | undefined>} environment
 * @param {NodeJS.Platform} platform
 */
function candidates(environment, platform) {
  const folders = (environment.PATH ?? environment.Path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '');
  const endings = platform === 'win32' ? ['.exe'] : [''];
  const found = commands.flatMap((name) =>
    folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))),
  );
  if (platform === 'darwin') {
    const roots = ['/Applications', join(environment.HOME ?? '/', 'Applications')];
    return [...found, ...roots.flatMap((root) => onMac.map((path) => join(root, path)))];
  }
  if (platform === 'win32') {
    const roots = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA];
    return [
      ...found,
      ...roots.flatMap((root) => (root === undefined ? [] : onWindows.map((path) => join(root, ...path)))),
    ];
  }
  return [...found, ...onLinux];
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
