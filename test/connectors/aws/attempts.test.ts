import { expect, test } from 'vitest';
import { openWorld, type Found, type World } from '../../worlds/world.ts';

const READERS = ['identities', 'service_credentials'];

/** The lines of a finding about what its holders tried. */
async function told(world: World, finding: Found): Promise<string[]> {
  const { code, stdout } = await world.cli(['show', finding.key]);
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  const from = lines.findIndex((line) => line.startsWith('Tried AI'));
  return from < 0
    ? []
    : lines
        .slice(
          from,
          lines.findIndex((line) => line.startsWith('First seen')),
        )
        .map((line) => line.slice(12));
}

const aboutRole = ({ findings }: { findings: Found[] }, name: string) => findings.filter((finding) => finding.body.includes(`"${name}"`));

test('a finding says what its AI-capable holders last tried, that they tried nothing, or that nobody knows', async () => {
  const world = await openWorld('aws');
  const before = await world.scan({ collectors: READERS });
  const [capable] = aboutRole(before, 'cursor-bedrock');
  expect(await told(world, capable!)).toEqual(['cursor-bedrock: unknown, no report on it was read']);

  const after = await world.scan({ collectors: [...READERS, 'last_accessed'] });
  const [line] = await told(world, aboutRole(after, 'cursor-bedrock')[0]!);
  expect(line).toMatch(
    /^cursor-bedrock: bedrock on \d{4}-\d\d-\d\d, sagemaker on \d{4}-\d\d-\d\d; refused attempts count \(told until \d{4}-\d\d-\d\d\)$/,
  );
  // What moves every night is no change of the finding.
  const keys = (found: readonly Found[]) => found.map(({ key, body }) => [key, body]);
  expect(keys(aboutRole(after, 'cursor-bedrock'))).toEqual(keys(aboutRole(before, 'cursor-bedrock')));
});

test('a key is told by the report on its holder, who is known by name', async () => {
  const world = await openWorld('aws');
  const night = await world.scan({ collectors: [...READERS, 'last_accessed'] });
  const ofKeys = night.findings.filter(({ rule, appId }) => rule === 'never-expiring-ai-key' && appId === 'bedrock.amazonaws.com');
  const lines = new Set((await Promise.all(ofKeys.map((finding) => told(world, finding)))).flat());
  expect([...lines].filter((line) => line.startsWith('BedrockAPIKey-'))).toContainEqual(
    expect.stringMatching(/^BedrockAPIKey-t7wz: bedrock on /),
  );
  expect([...lines].filter((line) => line.includes(': not in the tracking period, '))).not.toEqual([]);
});
