import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the server that browser tests read from, such as `http://localhost:40123`. */
    testServer: string;
  }
}

/** What `startTestServer()` of `server.ts` gives. */
interface TestServer {
  readonly url: string;
  close(): Promise<void> | void;
}

/** Starts the server of the browser tests and tells them its address by `inject('testServer')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const file = new URL('./server.ts', import.meta.url);
  if (!existsSync(file)) {
    project.provide('testServer', '');
    return async () => {};
  }
  const { startTestServer } = (await import(file.href)) as { startTestServer(): Promise<TestServer> };
  const server = await startTestServer();
  project.provide('testServer', server.url);
  return async () => {
    await server.close();
  };
}
