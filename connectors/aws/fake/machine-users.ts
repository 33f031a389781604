import { letters } from '../../../src/testing/random.ts';
import { awsManaged, uniqueId } from './ids.ts';
import type { AccessKey, Setting, User } from './model.ts';
import { policy } from './policy-document.ts';

/** The user whose access key the source reads with. */
export const SCANNER = 'noctule';

export function scannerArn(account: string): string {
  return `arn:aws:iam::${account}:user/machines/${SCANNER}`;
}

/** A person put a secret into a tag. The name of the tag may be kept, its value never. */
export function taggedSecret(seed: string): string {
  return `CANARY-${letters(24, 'abcdefghijkmnpqrstuvwxyz23456789', seed, 'aws', 'tagged secret')}`;
}

/** What a spreadsheet would calculate and a terminal would break the line at, of no other characters than tags may have. */
const HOSTILE_OWNER = '=HYPERLINK+http://owner.example/=1+1\u2028@SUM:A1 -9';

/** Users that no person signs in as. Nobody's standing matters to them. */
export function machineUsers(setting: Setting): readonly User[] {
  const { company, night, account } = setting;
  const hostile = company.people >= 12;
  const users = [
    machine(setting, SCANNER, { attached: [`arn:aws:iam::${account}:policy/NoctuleReadOnly`], keys: [used(setting, 40, 'iam')] }),
    machine(setting, 'ci-deployer', {
      inline: [{ name: 'push-images', document: policy({ Effect: 'Allow', Action: 'ecr:*', Resource: '*' }) }],
      tags: { owner: `platform@${company.domain}`, team: 'engineering' },
      keys: [replaced(setting, 420, 'ecr'), used(setting, 60, 'ecr')],
    }),
    machine(setting, 'backup-agent', {
      attached: [awsManaged('ReadOnlyAccess')],
      tags: hostile ? { owner: HOSTILE_OWNER } : { owner: `platform@${company.domain}` },
      keys: [used(setting, 700, 's3')],
    }),
    machine(setting, 'legacy-importer', {
      attached: [awsManaged('AdministratorAccess')],
      tags: { password: taggedSecret(company.seed), 'cost center': '12/7' },
      keys: [{ active: true, rotated: company.ago(900), lastUsed: undefined }],
    }),
    machine(setting, 'ship-logs', {}),
    machine(setting, 'git-mirror', {}),
    phantom(setting, 'BedrockAPIKey-k4mq', {}),
    // Its key has become a general one: the policy of the console, and a key for everything that it allows.
    phantom(setting, 'BedrockAPIKey-t7wz', { keys: [used(setting, 15, 'bedrock')] }),
    phantom(setting, 'BedrockAPIKey-old1', { created: company.ago(400, 7) }),
    phantom(setting, 'AeaApiKey-p3vd', { created: company.ago(60, 7), attached: [awsManaged('AnthropicInferenceAccess')] }),
  ];
  if (hostile) users.push(machine(setting, '=1+2@sum.exe', {}));
  if (night >= 1) users.push(phantom(setting, 'BedrockAPIKey-n1gt', { created: company.ago(0, 7, 1) }));
  return users;
}

function machine({ company, account }: Setting, name: string, details: Partial<User>): User {
  return {
    name,
    path: '/machines/',
    id: uniqueId('AIDA', company.seed, 'machine', name),
    arn: `arn:aws:iam::${account}:user${details.path ?? '/machines/'}${name}`,
    created: company.ago(1000),
    groups: [],
    forOneKey: false,
    attached: [],
    inline: [],
    tags: {},
    boundary: undefined,
    password: undefined,
    mfa: false,
    keys: [],
    ...details,
  };
}

/** The user that the console makes for one long-term API key, and leaves behind when the key is gone. */
function phantom(setting: Setting, name: string, details: Partial<User>): User {
  const attached = [awsManaged('AmazonBedrockLimitedAccess')];
  return machine(setting, name, { path: '/', forOneKey: true, created: setting.company.ago(150, 7), attached, ...details });
}

function used({ company, night }: Setting, rotated: number, service: string): AccessKey {
  return {
    active: true,
    rotated: company.ago(rotated),
    lastUsed: { at: company.ago(0, 4, night), service, region: service === 's3' ? undefined : 'us-east-1' },
  };
}

/** A key that was switched off when a newer one took over. */
function replaced(setting: Setting, rotated: number, service: string): AccessKey {
  return { active: false, rotated: setting.company.ago(rotated), lastUsed: { at: setting.company.ago(61), service, region: 'us-east-1' } };
}
