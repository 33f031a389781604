import { expect, test } from 'vitest';
import { openWorld } from '../../worlds/world.ts';

const PAGE = 'GET /apps/{app_slug}';

test('who made an app by himself is named by no fact of a tenant that keeps pseudonyms, and an organisation is', async () => {
  const world = await openWorld('github');
  const owner = (type: string) => ({ id: 4711, login: 'ada-moor', type });
  const madeBy = async (type: string) => {
    world.plant(PAGE, (_request, _nth, usual) => {
      const answer = usual();
      return { ...answer, body: { ...(answer.body as object), owner: owner(type) } };
    });
    const { facts } = await world.scan({
      collectors: ['app_listings'],
      personKey: 'a key of thirty-two and more characters',
    });
    expect(facts.length).toBeGreaterThan(3);
    return facts.map(({ attributes }) => JSON.stringify(attributes)).join();
  };
  const person = await madeBy('User');
  expect([person.includes('ada-moor'), person.includes('4711')]).toEqual([false, false]);
  expect(await madeBy('Organization')).toContain('"maker":"ada-moor","makerId":"4711"');
});
