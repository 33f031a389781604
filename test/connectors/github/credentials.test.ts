import { expect, test } from 'vitest';
import { appCredential } from '../../../connectors/github/credentials.ts';
import type { Send } from '../../../connectors/github/send.ts';
import { Secret } from '../../../src/secret/secret.ts';

test('a token of an installation is used for 55 minutes, by the clock of the scan, and fetched once for all who wait', async () => {
  let minutes = 0;
  let issued = 0;
  const send: Send = async (_authorization, _request, schema) => ({
    data: schema.parse({ token: `ghs_${++issued}` }),
    link: undefined,
    scopes: undefined,
    url: 'https://api.github.com/app/installations/9/access_tokens',
  });
  const credential = appCredential({
    appId: 7,
    privateKey: new Secret('not needed: nothing is signed here'),
    installation: 9,
    organization: 'acme',
    baseUrl: 'https://api.github.com',
    pageSize: 100,
    send,
    now: () => new Date(minutes * 60_000),
  });
  expect(await Promise.all([credential.authorization(), credential.authorization()])).toEqual(['bearer ghs_1', 'bearer ghs_1']);
  minutes = 55;
  expect(await credential.authorization()).toBe('bearer ghs_1');
  minutes = 56;
  expect(await credential.authorization()).toBe('bearer ghs_2');
  // Whoever notices late that the old token is refused must not throw the new one away.
  credential.renew('bearer ghs_1');
  expect(await credential.authorization()).toBe('bearer ghs_2');
  credential.renew('bearer ghs_2');
  expect(await credential.authorization()).toBe('bearer ghs_3');
});
