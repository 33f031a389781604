import { describe, expect, it } from 'vitest';
import { ORG, LISTS, ALL, start, ask, owner, app, nextOf, everything } from './asking.ts';

describe('paging', () => {
  it('has 30 rows a page, never more than 100, and links in both directions', async () => {
    const github = await start({ people: 1200 });
    const url = `${github.url}${LISTS.members}`;
    const sizes = await Promise.all(['', '?per_page=100', '?per_page=500', '?per_page=0'].map((query) => ask(url + query, owner(github))));
    expect(sizes.map(({ body }) => body.length)).toEqual([30, 100, 100, 30]);
    const link = (await ask(`${url}?per_page=100&page=2`, owner(github))).headers.get('link');
    expect([...link!.matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel)).toEqual(['prev', 'next', 'last', 'first']);
  });

  it('leads on to the members at the address that names the organisation by its id', async () => {
    const github = await start();
    const { body } = await ask(`${github.url}${ORG}`, owner(github));
    const first = await ask(`${github.url}${LISTS.members}?per_page=5`, owner(github));
    expect(nextOf(first)).toBe(`${github.url}/organizations/${body.id}/members?per_page=5&page=2`);
    const second = await ask(nextOf(first)!, owner(github));
    expect(second.status).toBe(200);
    expect(github.requests.at(-1)?.operation).toBe('GET /orgs/{org}/members');
  });

  it.each(ALL)('serves every one of %s once, whatever the size of the page', async (list) => {
    const github = await start();
    const rows = await everything(github, list, 4);
    expect(rows).toEqual(await everything(github, list));
    expect(rows).toHaveLength(github.sizes()[list]!);
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  });

  it('separates the owner from the other members', async () => {
    const github = await start();
    const [admins, others] = await Promise.all(
      ['admin', 'member'].map((role) => ask(`${github.url}${LISTS.members}?per_page=100&role=${role}`, owner(github))),
    );
    expect(admins?.body).toHaveLength(1);
    expect(others?.body).toHaveLength(github.sizes().members! - 1);
  });

  it('can lead back to the same page, and away to another host', async () => {
    const github = await start();
    const url = `${github.url}${LISTS.installations}?per_page=100`;
    github.faults.add({ operation: 'GET /orgs/{org}/installations', fault: 'self_page', times: 1 });
    expect(nextOf(await ask(url, owner(github)))).toBe(url);
    github.faults.add({ operation: 'GET /orgs/{org}/installations', fault: 'foreign_page', times: 1 });
    expect(new URL(nextOf(await ask(url, owner(github)))!).host).toBe('127.0.0.2:9');
    expect(nextOf(await ask(url, owner(github)))).toBeUndefined();
  });
});

describe('limits', () => {
  it('answers 304 to whoever knows the page already, free of charge, and to nobody else', async () => {
    const github = await start();
    const url = `${github.url}${LISTS.installations}`;
    const first = await ask(url, owner(github));
    const condition = { headers: { 'if-none-match': first.headers.get('etag')! } };
    const again = await ask(url, owner(github), condition);
    expect([again.status, again.body]).toEqual([304, undefined]);
    expect(again.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'));
    expect((await ask(url, await app(github), condition)).status).toBe(200);
    github.night(1);
    expect((await ask(url, owner(github), condition)).status).toBe(200);
  });

  it('counts requests by credential', async () => {
    const github = await start();
    await ask(`${github.url}${ORG}`, owner(github));
    await ask(`${github.url}${ORG}`, owner(github));
    const core = async (authorization: string) => (await ask(`${github.url}/rate_limit`, authorization)).body.resources.core;
    expect(await core(owner(github))).toMatchObject({ limit: 5000, used: 2, remaining: 4998 });
    expect(await core(await app(github))).toMatchObject({ limit: 15_000, used: 0 });
  });

  it('runs the primary limit dry where it was told to, and recovers', async () => {
    const github = await start();
    github.exhaust({ operation: 'GET /orgs/{org}/members', nth: 2, times: 1 });
    const ask2 = (page: number) => ask(`${github.url}${LISTS.members}?per_page=5&page=${page}`, owner(github));
    expect((await ask2(1)).status).toBe(200);
    const limited = await ask2(2);
    expect(limited.status).toBe(403);
    expect(limited.body.message).toMatch(/^API rate limit exceeded for user ID \d+\.$/);
    expect(limited.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(limited.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000);
    expect(limited.headers.has('retry-after')).toBe(false);
    expect((await ask2(2)).status).toBe(200);
  });

  it('says how long to wait at a secondary limit', async () => {
    const github = await start();
    github.faults.add({ operation: 'GET /user', fault: 429, times: 1 });
    const limited = await ask(`${github.url}/user`, owner(github));
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
    expect(limited.body.message).toContain('secondary rate limit');
  });
});
