import type { Access, DataClass, Meaning } from '../../src/connector/index.ts';
import { isAiService, namedAccess } from './capability.ts';

const ACTIONS = 'https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html';
const POLICIES = 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html';
const CREDENTIALS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam_service-specific-credentials.html';

/** The scope of an application of Identity Center that opens AWS itself. */
const ACCOUNT_ACCESS = 'sso:account:access';
const SCOPES = 'https://docs.aws.amazon.com/singlesignon/latest/userguide/enable-account-access-customer-managed-apps.html';

/** Services whose data have a class of their own; all others are the cloud. */
const CLASSES: Readonly<Record<string, DataClass>> = {
  secretsmanager: 'secrets',
  ssm: 'secrets',
  kms: 'secrets',
  codecommit: 'source_code',
  codebuild: 'ci',
  codepipeline: 'ci',
  codedeploy: 'ci',
  identitystore: 'directory',
};

/** Services that decide who may do what: writing there is administering. */
const ADMINISTERS = new Set(['iam', 'organizations', 'sso', 'sso-directory', 'account']);

const DOES: Readonly<Record<Access, string>> = { read: 'Read', write: 'Read, change and delete', admin: 'Administer' };

/** What a policy, an action or a credential for one service lets its holder do. */
export function meaning(permission: string): Meaning {
  const [kind, ...rest] = permission.split(':');
  const name = rest.join(':');
  if (kind === 'policy' && name !== '') return ofPolicy(name);
  if (kind === 'group' && name !== '') return unknown(permission, `Whatever the group ${name} may do`);
  if (kind === 'service-credential' && name !== '')
    return {
      dataClass: 'cloud',
      access: 'write',
      plain: `Call the service ${name} with a long-lived key`,
      known: true,
      source: CREDENTIALS,
    };
  if (kind === 'NotAction' && name !== '')
    return { dataClass: 'cloud', access: 'admin', plain: `Do everything in the account except ${name}`, known: true, source: ACTIONS };
  if (permission === ACCOUNT_ACCESS)
    return {
      dataClass: 'cloud',
      access: 'write',
      plain: 'Get credentials of all accounts and roles that a person is let in to',
      known: true,
      source: SCOPES,
    };
  if (permission === '*' || permission === '*:*')
    return { dataClass: 'cloud', access: 'admin', plain: 'Do everything in the account', known: true, source: ACTIONS };
  return /^[a-z0-9-]+:[a-z0-9*?]+$/i.test(permission) ? ofAction(kind!.toLowerCase(), name.toLowerCase()) : unknown(permission);
}

/** The few managed policies of AWS whose names are a promise; any other may hold anything. */
function ofPolicy(name: string): Meaning {
  const known = (access: Access, plain: string): Meaning => ({ dataClass: 'cloud', access, plain, known: true, source: POLICIES });
  if (name === 'AdministratorAccess') return known('admin', 'Do everything in the account');
  if (name === 'IAMFullAccess') return known('admin', 'Administer users, roles and policies');
  if (name === 'PowerUserAccess') return known('write', 'Do everything in the account except administering users and roles');
  if (name === 'SecurityAudit' || /(?:ReadOnly|ViewOnly)Access$/.test(name)) return known('read', `Read cloud resources (${name})`);
  const ai = namedAccess(name);
  if (ai && ai.level !== 'admin')
    return {
      dataClass: 'ai_models',
      access: ai.level === 'service-wildcard' ? 'admin' : 'write',
      plain: `Use models and agents of ${ai.services.join(', ')} (${name})`,
      known: true,
      source: POLICIES,
    };
  return unknown(`policy:${name}`, `Whatever the policy ${name} allows`);
}

function ofAction(service: string, action: string): Meaning {
  const access = /^(?:get|list|describe|batchget|head|search|lookup|view)[a-z]*\*?$/.test(action)
    ? 'read'
    : ADMINISTERS.has(service)
      ? 'admin'
      : 'write';
  const dataClass = ADMINISTERS.has(service) ? 'admin' : (CLASSES[service] ?? (isAiService(service) ? 'ai_models' : 'cloud'));
  return { dataClass, access, plain: `${DOES[access]} in the service ${service} (${action})`, known: true, source: ACTIONS };
}

function unknown(permission: string, plain = `Unknown permission ${permission}`): Meaning {
  return { dataClass: 'other', access: 'write', plain: `${plain}, treated as sensitive`, known: false };
}
