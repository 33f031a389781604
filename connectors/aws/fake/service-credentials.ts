import type { Person } from '../../../src/testing/company.ts';
import { chance } from '../../../src/testing/random.ts';
import { uniqueId } from './ids.ts';
import type { ServiceCredential, Setting } from './model.ts';

const BEDROCK = 'bedrock.amazonaws.com';
const CLAUDE_PLATFORM = 'aws-external-anthropic.amazonaws.com';

interface Plan {
  user: string;
  service: string;
  /** Days before the first night. */
  made: number;
  /** Days after the first night; absent = never. */
  expires?: number;
  switchedOff?: boolean;
  /** The user's second one of this service. */
  second?: true;
  /** CodeCommit and Keyspaces: a user name and a password. */
  pair?: true;
}

/** Every service-specific credential of the account, API keys among them. */
export function serviceCredentials(setting: Setting, people: readonly Person[]): readonly ServiceCredential[] {
  const { night } = setting;
  const plans: Plan[] = [
    { user: 'AeaApiKey-p3vd', service: CLAUDE_PLATFORM, made: 60, expires: 200 },
    { user: 'BedrockAPIKey-k4mq', service: BEDROCK, made: 150 },
    // An orphan: neither key works any more, the user and its policy are still there.
    { user: 'BedrockAPIKey-old1', service: BEDROCK, made: 400, expires: -40 },
    { user: 'BedrockAPIKey-old1', service: BEDROCK, made: 300, switchedOff: true, second: true },
    { user: 'ci-deployer', service: 'lumen-inference.amazonaws.com', made: 12, expires: 90 },
    { user: 'git-mirror', service: 'codecommit.amazonaws.com', made: 600, pair: true },
    { user: 'ship-logs', service: 'logs.amazonaws.com', made: 90, expires: 300 },
  ];
  if (night === 0) plans.push({ user: 'BedrockAPIKey-t7wz', service: BEDROCK, made: 150, expires: 215 });
  if (night >= 1) plans.push({ user: 'BedrockAPIKey-n1gt', service: BEDROCK, made: -1 });
  for (const person of people) {
    const user = person.handle;
    if (person.number === 2) plans.push({ user, service: BEDROCK, made: 20, expires: 70, switchedOff: night === 1 });
    else if (person.number > 8 && chance(setting.company.seed, 'aws', 'api key', person.number) < 0.1)
      plans.push({ user, service: BEDROCK, made: 30, expires: 335 });
  }
  return plans.map((plan) => credentialOf(setting, plan));
}

function credentialOf({ company, account, night }: Setting, plan: Plan): ServiceCredential {
  const name = `${plan.user}${plan.second ? '+1' : ''}-at-${account}`;
  const expires = plan.expires === undefined ? undefined : company.ago(-plan.expires);
  const expired = expires !== undefined && expires <= company.ago(0, 0, night);
  return {
    id: uniqueId('ACCA', company.seed, plan.service, name),
    userName: plan.user,
    service: plan.service,
    status: plan.switchedOff ? 'Inactive' : expired ? 'Expired' : 'Active',
    label: plan.pair ? { userName: name } : { alias: name },
    created: company.ago(plan.made, 6),
    expires,
  };
}
