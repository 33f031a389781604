import { sameBody } from './findings.ts';

/** A finding as it is judged, by one policy or another. */
export interface JudgedFinding {
  key: string;
  rule: string;
  severity: string;
  state: string;
  title: string;
  body: string;
}

/** What another policy makes of a finding. `excepts` = it stays, and an exception covers it. */
export interface Turn<Finding> {
  turn: 'opens' | 'changes' | 'closes' | 'excepts';
  finding: Finding;
}

const TURNS = ['opens', 'changes', 'excepts', 'closes'] as const;

/** How the same facts are judged by one policy and by another. What opens comes first. */
export function effectOf<Finding extends JudgedFinding>(before: readonly Finding[], after: readonly Finding[]): Turn<Finding>[] {
  const was = new Map(before.map((finding) => [finding.key, finding]));
  const is = new Set(after.map(({ key }) => key));
  const turns = after.flatMap((finding): Turn<Finding>[] => {
    const old = was.get(finding.key);
    if (old?.state !== finding.state)
      return old || finding.state !== 'excepted' ? [{ turn: finding.state === 'excepted' ? 'excepts' : 'opens', finding }] : [];
    const same = old.severity === finding.severity && old.title === finding.title && sameBody(old.body, finding.body);
    return same ? [] : [{ turn: 'changes', finding }];
  });
  const closed = before
    .filter(({ key, state }) => state !== 'excepted' && !is.has(key))
    .map((finding): Turn<Finding> => ({ turn: 'closes', finding }));
  return [...turns, ...closed].sort((a, b) => TURNS.indexOf(a.turn) - TURNS.indexOf(b.turn));
}
