import type { Company } from '../../../src/testing/company.ts';
import { letters } from '../../../src/testing/random.ts';
import { type ControlDeed, CONTROLS } from './controls.ts';
import { type DelegationDeed, DELEGATIONS } from './delegations.ts';
import { type Asking, ASKINGS, type Denial, DENIALS } from './denials.ts';
import { createHistory, type History } from './history.ts';
import { STORY_COMPANY } from './stories.ts';

/** The company as Google Workspace has it. All of it follows from the seed and the number of a night. */
export interface World {
  company: Company;
  /** How many accounts were ever made, the deleted ones included. */
  people: number;
  customerId: string;
  /** Where Google writes to when nobody else answers: nothing that a scan needs. */
  ownerAddress: string;
  history: History;
  delegations: readonly DelegationDeed[];
  denials: readonly Denial[];
  askings: readonly Asking[];
  controls: readonly ControlDeed[];
  /** Higher editions log what apps do with their access. */
  logsUse: boolean;
  /** What Google's own AI did is logged. */
  logsAi: boolean;
  /** An agent has an id that no query can hold. */
  quotedAgent: boolean;
  /** Somebody put an extension into a browser that no store knows. */
  sideloaded: boolean;
}

/** How long Google keeps audit events. */
const KEPT_EVENTS_DAYS = 180;

export function createWorld(company: Company, options: { empty?: boolean } = {}): World {
  const people = options.empty ? 1 : company.people;
  return {
    company,
    people,
    customerId: `C0${letters(7, LOWERCASE, company.seed, 'google customer')}`,
    ownerAddress: `${letters(12, LOWERCASE, company.seed, 'google owner')}@mailbox.example`,
    history: options.empty ? UNEVENTFUL : createHistory(company, people),
    delegations: options.empty ? [] : DELEGATIONS,
    controls: people < STORY_COMPANY ? [] : CONTROLS,
    logsUse: options.empty !== true,
    logsAi: options.empty !== true,
    quotedAgent: false,
    sideloaded: false,
    denials: people < STORY_COMPANY ? [] : DENIALS,
    askings: people < STORY_COMPANY ? [] : ASKINGS,
  };
}

/** Does a request mean this customer? */
export function isOwn(world: World, customer: string): boolean {
  return customer === 'my_customer' || customer === world.customerId || customer === world.company.domain;
}

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UNEVENTFUL: History = { deedsOf: () => [], doersOn: () => [], grants: () => [], happen: () => {} };

/** Days, newest first, whose events a night can still read. Day 1 ends with night 0. */
export function* readableDays(night: number): Generator<number> {
  for (let day = 1 - night; day <= KEPT_EVENTS_DAYS - night; day++) yield day;
}

export function isReadable(day: number, night: number): boolean {
  return day >= 1 - night && day <= KEPT_EVENTS_DAYS - night;
}
