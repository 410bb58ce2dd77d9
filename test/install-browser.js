import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What to do where no browser could be got. */
export const installHint =
  'no browser found: install Chrome, Chromium or Edge, or set CHROME_PATH to the path of one';

/** Installs Debian's chromium where that is possible without asking; whether it worked. */
export function installBrowser() {
  const may = debianRights();
  if (may === undefined) return false;
  console.log('No browser found: installing chromium with apt-get');
  const run = (/** @type {string[]} */ ...command) => {
    const [program, ...args] = [...may, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
    return (
      spawnSync(/** @type {string} */ (program), args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ===
      0
    );
  };
  run('apt-get', 'update');
  return run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation');
}

/** What to put before a command so that it runs as root, or `undefined` where that or Debian is missing. */
function debianRights() {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get')) {
    return undefined;
  }
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}
