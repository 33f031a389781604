import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Prints a line for each file and what failed in it, at the end every failure whole, every skip with its reason, and the count last. */
export default class CountingReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()];
    const failed = tests.filter((test) => test.result().state === 'failed').length;
    const broken = module.state() === 'failed' && failed === 0 ? ', the file itself failed' : '';
    const seconds = (module.diagnostic().duration / 1000).toFixed(1);
    console.log(`${failed > 0 || broken ? 'FAIL' : 'ok  '} ${module.relativeModuleId} (${tests.length} tests, ${seconds} s${broken})`);
    for (const test of tests) if (test.result().state === 'failed') console.log(`     ${test.fullName}: ${messages(test).split('\n')[0]}`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string; stack?: string }[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const of = (state: string) => tests.filter((test) => test.result().state === state);
    for (const test of of('failed')) console.log(`\nFAILED ${test.module.relativeModuleId} > ${test.fullName}\n${messages(test)}`);
    const broken = modules.filter((module) => module.errors().length > 0);
    const suites = modules.flatMap((module) => [...module.children.allSuites()]).filter((suite) => suite.errors().length > 0);
    for (const suite of suites)
      for (const error of suite.errors())
        console.log(`\nFAILED ${suite.module.relativeModuleId} > ${suite.fullName}\n${error.stack ?? error.message}`);
    for (const module of broken)
      for (const error of module.errors()) console.log(`\nFAILED ${module.relativeModuleId}\n${error.stack ?? error.message}`);
    for (const error of unhandled) console.log(`\nUNHANDLED ${error.stack ?? error.message}`);
    const skipped = of('skipped');
    for (const test of skipped) console.log(`skipped: ${test.fullName}${reasonOf(test)}`);
    const checks = Number(process.env['NOCTULE_FAILED_CHECKS'] ?? 0);
    const failures = of('failed').length + broken.length + suites.length + unhandled.length + checks;
    console.log(`${of('passed').length} passed, ${failures} failed, ${skipped.length} skipped`);
  }
}

/** A reason stands in the title, or was given where the test skipped itself. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note !== undefined ? ` [skipped: ${note}]` : test.fullName.includes('[skipped: ') ? '' : ' [skipped: no reason is given]';
}

function messages(test: TestCase): string {
  return (test.result().errors ?? []).map((error) => `${error.stack ?? error.message}${error.diff ? `\n${error.diff}` : ''}`).join('\n');
}
