import type { FakeRequest } from '../../../src/testing/server.ts';
import { type Access, accessDenied, type Caller } from './access.ts';
import { validationError } from './aws-error.ts';
import type { Role, World } from './model.ts';
import type { Statement } from './policy-document.ts';
import type { Fields } from './xml.ts';

const AN_HOUR = 3600;

/** Hands out a session where a statement of the role's trust policy names the caller and its ExternalId, if it demands one, is right. */
export function assumeRole(
  roleHolders: (account: string) => World | undefined,
  access: Access,
  caller: Caller,
  request: FakeRequest,
): Fields {
  const parameters = new URLSearchParams(request.body);
  const arn = parameters.get('RoleArn') ?? '';
  const name = parameters.get('RoleSessionName') ?? '';
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw validationError(`Value '${name}' at 'roleSessionName' failed to satisfy constraint`);
  const world = roleHolders(arn.split(':')[4] ?? '');
  // The way in stays open in an account that is otherwise empty.
  const role = world && [world.scannerRole, ...world.roles].find((candidate) => candidate.arn === arn);
  const statements = role ? [role.trust.Statement].flat() : [];
  // A role that does not exist is refused like one that does: AWS does not tell strangers which roles there are.
  if (!world || !role || !statements.some((statement) => admits(statement, caller, parameters.get('ExternalId')))) {
    throw accessDenied(caller.arn, 'sts:AssumeRole', arn);
  }
  const session = { ...sessionOf(world, role, name), ...allowedBy(parameters.get('Policy')) };
  const { accessKeyId, secret, token, expires } = access.openSession(
    request,
    session,
    Number(parameters.get('DurationSeconds') ?? AN_HOUR),
  );
  return {
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    Credentials: { AccessKeyId: accessKeyId, SecretAccessKey: secret, SessionToken: token, Expiration: expires },
  };
}

function sessionOf(world: World, role: Role, name: string): Omit<Caller, 'session'> {
  return { arn: `arn:aws:sts::${world.account}:assumed-role/${role.name}/${name}`, userId: `${role.id}:${name}`, account: world.account };
}

/** A policy of the session, in the one form that needs no matching: actions by their names. */
function allowedBy(text: string | null): Pick<Caller, 'allowed'> {
  if (text === null) return {};
  if (text.length > 2048)
    throw validationError("Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048");
  const { Statement } = JSON.parse(text) as { Statement: { Effect: string; Action: string[] }[] };
  return { allowed: new Set(Statement.flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []))) };
}

function admits(statement: Statement, caller: Caller, externalId: string | null): boolean {
  const principals = typeof statement.Principal === 'object' ? [statement.Principal['AWS'] ?? []].flat() : [];
  const demanded = statement.Condition?.['StringEquals']?.['sts:ExternalId'];
  return statement.Effect === 'Allow' && principals.includes(caller.arn) && (demanded === undefined || demanded === externalId);
}
