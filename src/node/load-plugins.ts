import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GraphError, quote, textOfThrown } from '../errors.ts';
import {
  type LoadPluginsOptions,
  loadPlugins as loadManifests,
  type PluginLoader,
  type PluginManifest,
} from '../plugins/load-plugins.ts';

/** Options of `loadPlugins` in Node. */
export interface LoadPackagesOptions extends LoadPluginsOptions {
  /** Where packages are looked for, as `import` does in this file: a path or `import.meta.url`. Default: the working folder. */
  from?: string | URL | undefined;
}

/**
 * Puts the methods on `Stream` that packages declare in their `package.json`, by name:
 * `"millrace": { "nodes": { "repeat": "./repeat.js" }, "sources": {}, "sinks": {} }`. A module is loaded when its method is
 * first called, as with `loadPlugins` of `millrace`, whose manifests may stand between the names.
 *
 * @throws as a rejection: `not-available` for a package that is not installed, `bad-option` for one that declares no
 * plugins, or something that is none, and where a name is taken. No method is put on then.
 */
export async function loadPlugins(
  packages: string | PluginManifest | readonly (string | PluginManifest)[],
  { from, eager }: LoadPackagesOptions = {},
): Promise<void> {
  const base = baseOf(from);
  const all = typeof packages === 'string' ? [packages] : [packages].flat();
  const manifests = await Promise.all(
    all.map((item) => (typeof item === 'string' ? manifestOf(item, base) : (item as PluginManifest))),
  );
  await loadManifests(manifests, { eager });
}

function baseOf(from: string | URL | undefined): string {
  if (from === undefined) return join(process.cwd(), 'app.js');
  const path = String(from).startsWith('file:') ? fileURLToPath(from) : String(from);
  return isAbsolute(path) ? path : resolve(path);
}

/** What a package declares, with a loader for each of its modules. */
async function manifestOf(name: string, base: string): Promise<PluginManifest> {
  const folder = await folderOf(name, base);
  const { millrace } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    millrace?: unknown;
  };
  const bad = (what: string): GraphError => new GraphError('bad-option', `package ${quote(name)}: ${what}`);
  if (typeof millrace !== 'object' || millrace === null) {
    throw bad('its package.json has no field "millrace" that declares plugins');
  }
  const unknown = Object.keys(millrace).find((key) => !kinds.has(key));
  if (unknown !== undefined) {
    throw bad(`"millrace" has ${quote(unknown)}, expected "nodes", "sources" and "sinks"`);
  }
  const loaders = (declared: unknown): Record<string, PluginLoader> => {
    if (typeof declared !== 'object' || declared === null)
      throw bad('names of plugins go with paths of modules');
    return Object.fromEntries(
      Object.entries(declared).map(([method, path]: [string, unknown]) => {
        const file = typeof path === 'string' && path.startsWith('./') ? resolve(folder, path) : folder;
        const inside = relative(folder, file);
        if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
          throw bad(
            `plugin ${quote(method)} is at ${JSON.stringify(path)}, expected a path inside, such as "./${method}.js"`,
          );
        }
        return [method, () => import(pathToFileURL(file).href)];
      }),
    );
  };
  return Object.fromEntries(Object.entries(millrace).map(([kind, declared]) => [kind, loaders(declared)]));
}

const kinds: ReadonlySet<string> = new Set(['nodes', 'sources', 'sinks']);

/** Where a package is installed; its `exports` need not name its package.json. */
async function folderOf(name: string, base: string): Promise<string> {
  const asked = createRequire(base);
  for (const folder of asked.resolve.paths(name) ?? []) {
    const found = await readFile(join(folder, name, 'package.json')).then(
      () => true,
      () => false,
    );
    if (found) return join(folder, name);
  }
  try {
    return dirname(asked.resolve(`${name}/package.json`));
  } catch (cause) {
    throw new GraphError(
      'not-available',
      `package ${quote(name)} cannot be found from ${dirname(base)}: ${textOfThrown(cause).split('\n')[0]}`,
      { cause },
    );
  }
}
