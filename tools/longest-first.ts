import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, by what they are; a long one that starts last keeps one core waiting for the other. */
const LONG = [
  'test/tickets/schedules',
  'test/connectors/github/deep',
  'test/connectors/contract',
  'test/cli/schedule',
  'test/cli/pseudonyms',
  'test/cli/lists',
  'test/connectors/aws/organization',
  'test/connectors/official',
  'test/scan/refused',
  'test/scan/kill',
  'test/cli/doctor',
  'test/cli/scan',
  'test/scan/engine',
  'test/cli/database',
  'test/package',
  'test/cli/exports',
  'test/cli/program',
  'test/worlds/google-workspace/whole',
];

/** Starts the long files first: the usual order, by the size of a file, knows nothing of how long it runs. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => LONG.findIndex((path) => moduleId.includes(path)) >>> 0;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
