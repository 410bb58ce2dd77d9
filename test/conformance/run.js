// npm run conformance -- DIRECTORY: replays every recorded case under it. The sources are TypeScript, so Vite loads them.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const directory = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));
if (!existsSync(directory)) {
  console.error(`no directory ${directory}`);
  process.exit(1);
}
const { module } = await runnerImport(fileURLToPath(new URL('./replay.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
});
process.exitCode = await module.replayAll(directory, console.log);
