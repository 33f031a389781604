import { fold } from '../text/fold.ts';
import type { Share } from './metrics.ts';

/** That somebody took part in a course. */
export interface TrainingRecord {
  person: string;
  course: string;
  /** YYYY-MM-DD */
  date: string;
}

export interface Training {
  /** Of the people who hold AI tools, those with a record. */
  trained: Share;
  /** Names of the others. */
  without: readonly string[];
  /** Records of people who hold none, or who are written otherwise. */
  others: number;
}

/** Holds records against the people who hold AI tools. Whole names or ids count, in any case of letters: nobody is guessed. */
export function trainingOf(holders: readonly { id: string; name: string }[], records: readonly TrainingRecord[]): Training {
  const trained = new Set(records.map(({ person }) => fold(person)));
  const known = new Set(holders.flatMap(({ id, name }) => [fold(id), fold(name)]));
  const without = holders.filter(({ id, name }) => !trained.has(fold(id)) && !trained.has(fold(name)));
  return {
    trained: { part: holders.length - without.length, of: holders.length },
    without: without.map(({ name }) => name).sort(),
    others: [...trained].filter((person) => !known.has(person)).length,
  };
}
