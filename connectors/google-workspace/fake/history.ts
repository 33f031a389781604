import type { Company } from '../../../src/testing/company.ts';
import { chance, digits, pick } from '../../../src/testing/random.ts';
import { type App, COMMON } from './apps.ts';
import { deletedOn } from './people.ts';
import { type Deed, STORIES, STORY_COMPANY } from './stories.ts';

/** Who did what, and which grants live because of it. Nothing is stored: any person and any day can be asked for alone. */
export interface History {
  /** Oldest first. */
  deedsOf(number: number): readonly Deed[];
  /** Numbers of all people who may have done such a thing on the day; the few who did not have no such deed of that day. */
  doersOn(day: number, kind: Deed['kind']): Iterable<number>;
  /** What the person has granted, and not taken back, up to the night. */
  grants(number: number, night: number): readonly Grant[];
  /** Something more happens to a person, on a day that no night has told of yet. */
  happen(number: number, deed: Deed): void;
}

export interface Grant {
  app: App;
  scopes: readonly string[];
}

const MOST_GRANTS = 8;
/** No day of deletion. */
const NEVER = 254;
/** Authorisations lie this many days apart at most, so that a day's doers can be named without asking everybody. */
const CYCLE = 400;
/** STRIDE × BACK ≡ 1 (mod CYCLE). */
const STRIDE = 37;
const BACK = 173;
const SLOT_STRIDE = 113;
const YOUNGEST = 2;
/** Who takes a grant back does so after that many days. */
const REVOKED_AFTER = 30;

export function createHistory(company: Company, people: number): History {
  const { seed } = company;
  const phase = Number(digits(6, seed, 'google phase'));
  const deletions = new Uint8Array(people);
  const grantCounts = new Uint8Array(people);
  const stories = people >= STORY_COMPANY ? STORIES.length : 0;
  const more = new Map<number, Deed[]>();

  function deedsOf(number: number): readonly Deed[] {
    const deeds = [...(number < stories ? STORIES[number]! : drawn(number)), ...(more.get(number) ?? [])];
    const gone = remembered(deletions, number, () => deletedOn(company, company.person(number)) ?? NEVER);
    return deeds.filter((deed) => gone === NEVER || deed.day > gone).sort((a, b) => b.day - a.day);
  }

  function drawn(number: number): Deed[] {
    const deeds: Deed[] = [];
    const seen = new Set<App>();
    for (let slot = 0; slot < grantsOf(number); slot++) {
      const app = pick(COMMON, seed, 'google app', number, slot);
      if (seen.has(app)) continue;
      seen.add(app);
      const usual = chance(seed, 'google scopes', number, slot) < 0.8;
      const scopes = usual ? app.asks[0] : pick(app.asks, seed, 'google ask', number, slot);
      const day = YOUNGEST + ((number * STRIDE + slot * SLOT_STRIDE + phase) % CYCLE);
      deeds.push({ kind: 'authorize', app, scopes, day });
      if (day > REVOKED_AFTER && takesBack(number, slot)) deeds.push({ kind: 'revoke', app, scopes, day: day - REVOKED_AFTER });
    }
    return deeds;
  }

  /** Most have few, few have many. */
  function grantsOf(number: number): number {
    return remembered(grantCounts, number, () => Math.floor(chance(seed, 'google grants', number) ** 2 * (MOST_GRANTS + 1)));
  }

  function takesBack(number: number, slot: number): boolean {
    return chance(seed, 'google revoked', number, slot) < 0.05;
  }

  function doersOn(day: number, kind: Deed['kind']): Set<number> {
    const doers = new Set<number>([...Array.from({ length: stories }, (_, number) => number), ...more.keys()]);
    const authorised = kind === 'revoke' ? day + REVOKED_AFTER : day;
    if (authorised < YOUNGEST || authorised >= YOUNGEST + CYCLE) return doers;
    for (let slot = 0; slot < MOST_GRANTS; slot++) {
      const rest = modulo((authorised - YOUNGEST - slot * SLOT_STRIDE - phase) * BACK, CYCLE);
      for (let number = rest; number < people; number += CYCLE)
        if (slot < grantsOf(number) && (kind === 'authorize' || takesBack(number, slot))) doers.add(number);
    }
    return doers;
  }

  function grants(number: number, night: number): readonly Grant[] {
    if (company.person(number).standing(night) === 'deleted') return [];
    const live = new Map<App, Grant>();
    for (const { kind, app, scopes, day } of deedsOf(number)) {
      if (day < 1 - night) break;
      if (kind === 'authorize') live.set(app, { app, scopes });
      else live.delete(app);
    }
    return [...live.values()];
  }

  return { deedsOf, doersOn, grants, happen: (number, deed) => void more.set(number, [...(more.get(number) ?? []), deed]) };
}

/** Small numbers that are asked for again and again, and cost a hash or ten each: one byte a person. */
function remembered(memory: Uint8Array, number: number, make: () => number): number {
  const known = memory[number]!;
  if (known > 0) return known - 1;
  const value = make();
  memory[number] = value + 1;
  return value;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
