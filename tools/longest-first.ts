import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, by what they are; a long one that starts last keeps one core waiting for the other. */
const LONG = [
  'test/tickets/schedules',
  'test/connectors/contract',
  'test/connectors/official',
  'test/scan/refused',
  'test/scan/kill',
  'test/cli/scan',
  'test/connectors/github/deep',
  'test/cli/doctor',
  'test/worlds/github/limits',
  'test/connectors/google-workspace/delta',
  'test/scan/engine',
];

/** Starts the long files first: the usual order, by the size of a file, knows nothing of how long it runs. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => LONG.findIndex((path) => moduleId.includes(path)) >>> 0;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
