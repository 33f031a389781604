import { expect, test } from 'vitest';
import { openWorld } from '../world.ts';
import { findingsOf, identityProvider, plantAssets, project } from './plants.ts';
import { ID } from './statement.ts';

const LAB = '400500600700';
const CLOUD = { collectors: ['cloud_assets'] };
const ISSUER = { oidc: { issuerUri: 'https://login.elsewhere.example' } };

async function rulesOf(data: Readonly<Record<string, unknown>>, app: string) {
  const world = await openWorld(ID);
  plantAssets(world, [project(LAB, 'lab'), identityProvider(LAB, 'p1', data)]);
  const night = await world.scan(CLOUD);
  const fact = night.facts.find(({ kind }) => kind === 'trust');
  return { fact, rules: findingsOf(night, app).flatMap(({ rule }) => rule) };
}

test('whom an identity provider without a condition lets in is judged as any other trust is', async () => {
  const oidc = await rulesOf(ISSUER, 'login.elsewhere.example');
  expect(oidc.rules).toContain('trust-without-condition');
  const account = await rulesOf({ aws: { accountId: '999988887777' } }, '999988887777');
  expect(account.rules).toContain('trust-of-unnamed-account');
  const certificates = await rulesOf({ saml: { idpMetadataXml: '<EntityDescriptor/>' } }, `identity_provider/${LAB}/outside/p1`);
  expect([certificates.fact?.attributes['trusts'], certificates.rules]).toEqual(['other', []]);
});

test('one with a condition, or that is switched off, lets in nobody without one', async () => {
  const bound = await rulesOf({ ...ISSUER, attributeCondition: "assertion.org == '1'" }, 'login.elsewhere.example');
  expect([bound.fact?.state, bound.rules]).toEqual(['present', []]);
  const off = await rulesOf({ ...ISSUER, disabled: true }, 'login.elsewhere.example');
  expect([off.fact?.state, off.fact?.use, off.rules]).toEqual(['present', 'inactive', []]);
});

test('one that was deleted is gone, although Google still lists it', async () => {
  const world = await openWorld(ID);
  plantAssets(world, [project(LAB, 'lab'), identityProvider(LAB, 'p1', ISSUER)]);
  await world.scan(CLOUD);
  plantAssets(world, [project(LAB, 'lab'), identityProvider(LAB, 'p1', { ...ISSUER, state: 'DELETED' })]);
  const night = await world.scan({ ...CLOUD, night: 1 });
  expect(night.facts.filter(({ kind }) => kind === 'trust').map(({ state }) => state)).toEqual(['gone']);
  expect(findingsOf(night, 'login.elsewhere.example').filter(({ state }) => state === 'open')).toEqual([]);
});
