import { z } from 'zod';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { ACCESS } from './access.ts';
import { errorAnswer } from './answers.ts';
import { written } from './dates.ts';
import type { Github } from './gate.ts';
import { installationOf, installationRow } from './installations.ts';
import { OWN_APP } from './installed-apps.ts';
import { type Listing, listingOf } from './listing.ts';

/** The neighbour comes first, so that whoever takes the first installation reads the wrong organisation. */
export function ownInstallations({ world, night }: Github, origin: string): Listing<unknown> {
  const here = installationOf(world.company, OWN_APP, night);
  return listingOf([
    ownRow(installationRow({ ...here, id: neighbourInstallation(here.id) }, world.neighbour, world.owner, origin)),
    ownRow(installationRow(here, world.organization, world.owner, origin)),
  ]);
}

/**
 * GitHub publishes another shape for this list than for the organisation's: without a client id, and with an account that has
 * the fields of a user and of an enterprise at once.
 */
function ownRow(row: ReturnType<typeof installationRow>) {
  const { login } = row.account;
  return { ...row, account: { ...row.account, name: login, slug: login, created_at: row.created_at, updated_at: row.updated_at } };
}

/** A token of the App for one installation: all that the App may, or less where the request says so. */
export function accessToken(github: Github, request: FakeRequest): FakeAnswer {
  const { docs } = ACCESS['POST /app/installations/{installation_id}/access_tokens'];
  const own = installationOf(github.world.company, OWN_APP, github.night).id;
  const installation = Number(request.params.installation_id);
  if (installation !== own && installation !== neighbourInstallation(own)) return errorAnswer(404, 'Not Found', docs);
  const granted = new Set(['metadata:read', ...appPermissions(github.held)]);
  const narrowed = narrowedTo(request.body);
  if (narrowed && [...narrowed].some((permission) => !granted.has(permission)))
    return errorAnswer(422, 'The permissions requested are not granted to this installation.', docs);
  const { token, expiresAt } = github.credentials.issue(installation, installation === own, narrowed);
  const permissions = Object.fromEntries([...(narrowed ?? granted)].map((permission) => permission.split(':')));
  return { status: 201, body: { token, expires_at: written(expiresAt), permissions, repository_selection: github.selection } };
}

function neighbourInstallation(id: number): number {
  return id - 1_000_000;
}

function appPermissions(held: ReadonlySet<string>): string[] {
  return [...held].filter((id) => id.startsWith('app:')).map((id) => id.slice('app:'.length));
}

const tokenRequest = z.object({ permissions: z.record(z.string(), z.string()).optional() });

function narrowedTo(body: string): ReadonlySet<string> | undefined {
  const { permissions } = tokenRequest.parse(body === '' ? {} : JSON.parse(body));
  return permissions && new Set(Object.entries(permissions).map(([permission, level]) => `${permission}:${level}`));
}
