import { expect } from 'vitest';
import { canonicalJson, Refusal, type Collector, type Connector, type Gap, type Json, type Permission } from '../../connector/index.ts';
import { runConnector } from '../runner.ts';
import { expectNothingWronglyGone, factsOf, find } from './facts.ts';
import type { Subject } from './suite.ts';

/** A permission is declared because something is lost without it, and what is lost says so. */
export function namesPermissions(subject: Subject): void {
  const { connector, it } = subject;

  it('turns each revoked permission into a gap that names it, and claims nothing under it', async () => {
    const { provider, baseline } = subject;
    for (const permission of declaredPermissions(connector)) {
      const ids = [permission.id, ...(permission.orElse ?? [])];
      const declares = ({ permissions }: Collector) => permissions.some((each) => isSame(each, permission) && !each.saves);
      const only = connector.collectors
        .filter((collector) => declares(collector) || asksWith(connector, collector, ids))
        .map(({ id }) => id);
      for (const id of ids) provider.revoke(id);
      const run = await runConnector(connector, provider, { only });
      for (const id of ids) provider.restore(id);
      for (const { collector, events } of run.collectors.filter((candidate) => declares(candidate.collector))) {
        const gaps = events.filter((event): event is Gap => event.type === 'gap' && event.permission !== undefined);
        const named = gaps.some((gap) => ids.includes(gap.permission!));
        expect(
          named,
          `${collector.id} opens no gap that names ${ids.join(' or ')} when it is revoked: it has ${canonicalJson(gaps as unknown as Json)}`,
        ).toBe(true);
      }
      if (run.refused) {
        if (!(run.refused instanceof Refusal)) throw run.refused;
        expect(ids, `revoking ${permission.id} ends in "${run.refused.message}"`).toContain(run.refused.permission);
      }
      expectNothingWronglyGone(baseline, run, `without ${permission.id}`);
    }
  });

  it('closes nothing wrongly when many permissions are revoked at once, whichever collector needs them', async () => {
    const { provider, baseline } = subject;
    for (const half of [0, 1]) {
      const revoked = provider.permissions.filter((_permission, place) => place % 2 === half);
      for (const permission of revoked) provider.revoke(permission);
      const run = await runConnector(connector, provider);
      for (const permission of revoked) provider.restore(permission);
      if (run.refused && !(run.refused instanceof Refusal)) throw run.refused;
      expectNothingWronglyGone(baseline, run, `without ${revoked.join(', ')}`);
      for (const { collector, error } of run.collectors)
        if (error && !(error instanceof Refusal)) throw new Error(collector.id, { cause: error });
    }
  });

  it('needs no more than one of the permissions that open the same places', async () => {
    const { provider, baseline } = subject;
    for (const permission of declaredPermissions(connector)) {
      const ids = [permission.id, ...(permission.orElse ?? [])];
      for (const kept of ids.length > 1 ? ids : []) {
        for (const id of ids) if (id !== kept) provider.revoke(id);
        const only = connector.collectors
          .filter(({ permissions }) => permissions.some((each) => isSame(each, permission) && !each.saves))
          .map(({ id }) => id);
        const run = await runConnector(connector, provider, { only });
        for (const id of ids) if (id !== kept) provider.restore(id);
        expect(run.collectors.length, `with ${kept} alone`).toBe(only.length);
        for (const user of run.collectors)
          expect(factsOf(user), `${user.collector.id} with ${kept} alone`).toEqual(factsOf(find(baseline, user.collector.id)));
      }
    }
  });
}

/** Does a collector ask for something that needs one of these permissions, whether or not it says so? */
function asksWith({ operations }: Connector, collector: Collector, permissions: readonly string[]): boolean {
  return operations.some(({ id, permission }) => collector.operations.includes(id) && permissions.includes(permission ?? ''));
}

/** What stands in for one permission may be another from place to place. */
function isSame(one: Permission, other: Permission): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf({ id, orElse = [] }: Permission): string {
  return canonicalJson([id, ...orElse]);
}

/** Those without which something is lost. */
function declaredPermissions(connector: Connector): Permission[] {
  const all = new Map<string, Permission>();
  for (const collector of connector.collectors)
    for (const permission of collector.permissions) if (!permission.saves) all.set(keyOf(permission), permission);
  return [...all.values()];
}
