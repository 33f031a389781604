import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Connector } from '../../connector/index.ts';
import { createCompany } from '../company.ts';
import type { Fake, FakeProvider } from '../fake.ts';
import { runEachAlone, type Run } from '../runner.ts';
import { keepsSecrets } from './canaries.ts';
import { standsFaults } from './faults.ts';
import { tellsWhosePlaces } from './people.ts';
import { namesPermissions } from './permissions.ts';
import { declaresRequests } from './requests.ts';
import { goesOn } from './resume.ts';
import { claimsEmptiness, seesEverything } from './seen.ts';
import { declaresStatements } from './statements.ts';

/** A test of the suite that does not apply to a provider, and why. It is printed as skipped. */
export interface Skip {
  test: string;
  reason: string;
}

/** A connector under test, on the small world, two items a page. */
export interface Subject {
  connector: Connector;
  fake: Fake;
  company: ReturnType<typeof createCompany>;
  /** The simulated provider; there from the first test on, and shared by all. */
  readonly provider: FakeProvider;
  /** What the connector states of it when nothing goes wrong. */
  readonly baseline: Run;
  /** Every fault of every operation at every place, instead of one of each kind at one. Takes six times as long. */
  readonly thorough: boolean;
  /** A test, unless it is to be skipped. */
  it(title: string, body: () => Promise<void>): void;
}

/**
 * What every connector must keep, whoever wrote it: the project's memory of the ways in which a connector can go wrong.
 * Each file beside this one holds the tests of one theme.
 */
export function contractSuite(connector: Connector, fake: Fake, skips: readonly Skip[] = [], thorough = false): void {
  describe(`the contract, kept by ${connector.id}`, () => {
    const company = createCompany({ people: 12, today: startOfDay() });
    let provider: FakeProvider;
    let baseline: Run;
    beforeAll(async () => {
      provider = await fake.start(company);
      baseline = await runEachAlone(connector, provider);
      if (baseline.refused) throw baseline.refused;
      for (const run of baseline.collectors) if (run.error) throw run.error;
    });
    afterAll(() => provider.close());

    const subject: Subject = {
      connector,
      fake,
      company,
      thorough,
      get provider() {
        return provider;
      },
      get baseline() {
        return baseline;
      },
      it(title, body) {
        const skip = skips.find((candidate) => candidate.test === title);
        if (skip) test.skip(`${title} [${skip.reason}]`, body);
        else test(title, body, 60_000);
      },
    };
    seesEverything(subject);
    declaresStatements(subject);
    tellsWhosePlaces(subject);
    namesPermissions(subject);
    standsFaults(subject);
    goesOn(subject);
    claimsEmptiness(subject);
    declaresRequests(subject);
    keepsSecrets(subject);
  });
}

function startOfDay(): Date {
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  return today;
}
