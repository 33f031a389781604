import type { Fact, Night } from '../world.ts';

/** Gaps that no set-up would avoid are there in every scan. */
export function gapsIn(night: Night): Night['gaps'] {
  return night.gaps.filter(({ byDesign }) => !byDesign);
}

export function factsOf(night: Night, collector: string): Fact[] {
  return night.facts.filter((fact) => fact.collector === collector);
}

export function collectorsOf(night: Night): string[] {
  return [...new Set(night.facts.map(({ collector }) => collector))];
}

export function namesIn(night: Night, collector: string): string[] {
  return factsOf(night, collector)
    .map(({ principal, subject }) => principal?.name ?? subject.name)
    .toSorted();
}

/** What a fact says, without the address at which this simulated GitHub happens to be. */
export function told({ thing, scope, state, subject, permissions, signals }: Fact): object {
  return { thing, scope, state, subject, permissions, signals };
}

export function openKeys(night: Night): string[] {
  return night.findings.map(({ key }) => key).toSorted();
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, place) => from + place);
}
