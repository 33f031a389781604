import { join } from 'node:path';
import { loadConnector } from '../../../src/scan/registry.ts';
import type { FakeRequest } from '../../../src/testing/server.ts';
import { newFolder } from '../../cli/run.ts';
import { runNight, sourceOf } from '../../scan/night.ts';
import { type Fact, type Found, type Night, openWorld, type World } from '../world.ts';
import { type Estate, plantEstate, plantKeys, type ServiceKey } from './estate.ts';
import { jsonError, regionOf, restError, xmlError } from './wire.ts';

export const DETAILS = 'iam.GetAccountAuthorizationDetails';
export const IAM_ONLY = ['identities'];
export const KEY_READERS = ['identities', 'service_credentials'];
export const AI_RULES = new Set(['unapproved-ai-tool', 'suspected-ai-tool', 'ai-feature-of-general-tool', 'denied-ai-tool']);

/** In the catalog's evidence this account is nobody's. */
export const OUTSIDE = '444455556666';

/** A world whose IAM holds the estate and nothing else. */
export async function worldOf(estate: Estate): Promise<World> {
  const world = await openWorld('aws');
  plantEstate(world, estate);
  return world;
}

export function about(night: Night, name: string, kind?: Fact['kind']): Fact[] {
  return night.facts.filter((fact) => (fact.subject.name === name || fact.principal?.name === name) && (!kind || fact.kind === kind));
}

export function role(night: Night, name: string): Fact {
  const found = night.facts.find((fact) => fact.kind === 'service_account' && fact.subject.name === name);
  if (!found) throw new Error(`No fact about the role ${name}`);
  return found;
}

export function user(night: Night, name: string): Fact {
  const found = night.facts.find((fact) => fact.thing.startsWith('user/') && fact.subject.name === name);
  if (!found) throw new Error(`No fact about the user ${name}`);
  return found;
}

export function trusts(night: Night, holder: string): Fact[] {
  return night.facts.filter((fact) => fact.kind === 'trust' && fact.principal?.name === holder);
}

/** Findings that speak of somebody or something by this name. */
export function speaking(night: Night, name: string): Found[] {
  return night.findings.filter((finding) => `${finding.title} ${finding.body}`.includes(name));
}

export function openKeys(night: Night): string[] {
  return night.findings.map(({ key }) => key).sort();
}

/** Gaps that are not there by design. */
export function realGaps(night: Night) {
  return night.gaps.filter(({ byDesign }) => byDesign === 0);
}

/** Facts without where and when they were read. */
export function comparable(night: Night): string[] {
  return night.facts
    .map(({ attributes: { reportGeneratedAt: _, ...attributes }, ...fact }) => JSON.stringify({ ...fact, attributes }))
    .sort();
}

/** Users and keys for services of an account that holds nothing else. */
export async function keysWorld(users: Estate['users'], ...keys: ServiceKey[]): Promise<World> {
  const world = await worldOf({ users: users ?? {} });
  plantKeys(world, ...keys);
  return world;
}

export const ROOT = `arn:aws:iam::${OUTSIDE}:root`;

/** Which collectors run, as a source wants it. */
export async function only(id: string, collectors: readonly string[]): Promise<Record<string, boolean>> {
  const connector = await loadConnector(id);
  return Object.fromEntries(connector.collectors.map((collector) => [collector.id, collectors.includes(collector.id)]));
}

/** A scan at the connector's own pace: the harness asks for none. */
export async function pacedScan(world: World, collectors: readonly string[], speed: number): Promise<void> {
  const source = await sourceOf({ name: 'aws', config: world.provider.config, collectors: await only('aws', collectors) });
  const { pace: _, ...paced } = source;
  const database = join(newFolder(), 'noctule.db');
  await runNight(database, { sources: [paced], environment: world.provider.environment, from: new Date(), speed });
}

/** Times in milliseconds of the scan's clock at which an operation was asked. */
export function timesOf(world: World, operation: string, speed: number, region?: string): number[] {
  return world.asked
    .filter((request) => request.operation === operation && (region === undefined || regionOf(request) === region))
    .map(({ at }) => at * speed);
}

/** A refusal in the words of whatever protocol the request speaks. */
export function refusal(request: Pick<FakeRequest, 'headers'>, codes: { query: string; other: string; status: number; rest: number }) {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return xmlError(codes.status, codes.query);
  return type.startsWith('application/x-amz-json') ? jsonError(400, codes.other) : restError(codes.rest, codes.other);
}

export const EXPIRED = { query: 'ExpiredToken', other: 'ExpiredTokenException', status: 403, rest: 403 };
