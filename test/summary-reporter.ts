import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** What became of the tests, as `run.js` reads it. */
export interface Summary {
  passed: number;
  failures: string[];
  /** The reason is the note given to `skip(condition, note)` of the test's context. */
  skips: { name: string; reason: string | undefined }[];
}

/** Writes what became of each test to the file named by `MILLRACE_TEST_SUMMARY`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message?: string }[]): void {
    const file = process.env.MILLRACE_TEST_SUMMARY;
    if (file === undefined) return;
    const summary: Summary = { passed: 0, failures: [], skips: [] };
    for (const module of modules) addModule(summary, module);
    for (const { message } of unhandledErrors) {
      summary.failures.push(`error outside of any test: ${message ?? 'without a message'}`);
    }
    writeFileSync(file, JSON.stringify(summary));
  }
}

function addModule(summary: Summary, module: TestModule): void {
  const where = `${module.relativeModuleId} [${module.project.name}]`;
  const failures = summary.failures.length;
  if (module.errors().length > 0) summary.failures.push(`${where} could not be run`);
  for (const suite of module.children.allSuites()) {
    if (suite.errors().length > 0) summary.failures.push(`${where} › ${suite.fullName} could not be run`);
  }
  const broken = summary.failures.length > failures;
  for (const test of module.children.allTests()) {
    const name = `${where} › ${test.fullName}`;
    const result = test.result();
    if (result.state === 'passed') summary.passed++;
    else if (result.state !== 'skipped') summary.failures.push(name);
    // What did not run because of the failure above has been counted with it.
    else if (result.note !== undefined || !broken) summary.skips.push({ name, reason: result.note });
  }
}
