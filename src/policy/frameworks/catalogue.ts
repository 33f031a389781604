import { AI_RMF } from './ai-rmf.ts';
import type { Control } from './control.ts';
import { MAESTRO } from './maestro.ts';
import { NIST_CSF, NIST_CSF_1_1 } from './nist-csf.ts';
import { OWASP_AGENTIC } from './owasp-agentic.ts';
import { OWASP_NHI } from './owasp-nhi.ts';
import { SP_800_207 } from './sp-800-207.ts';
import { SP_800_53 } from './sp-800-53.ts';

/** The frameworks that findings may be told in, each in one version. Nothing that is not listed here is ever cited. */
export const FRAMEWORKS = [
  { id: 'csf', title: 'NIST CSF 2.0', controls: NIST_CSF },
  { id: '800-53', title: 'NIST SP 800-53 Rev. 5', controls: SP_800_53 },
  { id: '800-207', title: 'NIST SP 800-207', controls: SP_800_207 },
  { id: 'ai-rmf', title: 'NIST AI RMF 1.0', controls: AI_RMF },
  { id: 'agentic', title: 'OWASP Agentic 2026', controls: OWASP_AGENTIC },
  { id: 'nhi', title: 'OWASP NHI 2025', controls: OWASP_NHI },
  { id: 'maestro', title: 'CSA MAESTRO (layer)', controls: MAESTRO },
] as const;

const CONTROLS = { ...NIST_CSF, ...SP_800_53, ...SP_800_207, ...AI_RMF, ...OWASP_AGENTIC, ...OWASP_NHI, ...MAESTRO };
export type ControlId = keyof typeof CONTROLS;

/** Those that a rule may cite: what a finding is evidence for or against. */
export type CitableId = { [Id in ControlId]: (typeof CONTROLS)[Id]['by'] extends 'findings' ? Id : never }[ControlId];

/** A control with its place in the catalogue. */
export interface FoundControl extends Control {
  id: ControlId;
  framework: string;
}

const FOUND: ReadonlyMap<string, FoundControl> = new Map(
  FRAMEWORKS.flatMap(({ title: framework, controls }) =>
    Object.entries<Control>(controls).map(([id, control]) => [id, { ...control, id: id as ControlId, framework }]),
  ),
);

export function controlOf(id: ControlId): FoundControl {
  return FOUND.get(id)!;
}

/** The present controls that an id means, as people write it: `PR.AC-4` of CSF 1.1 is `PR.AA-05` today. Empty = it is of no use here. */
export function controlsCalled(text: string): FoundControl[] {
  const id = spelled(text);
  const ids = Object.hasOwn(NIST_CSF_1_1, id) ? NIST_CSF_1_1[id as keyof typeof NIST_CSF_1_1] : [id];
  return ids.flatMap((current) => FOUND.get(current) ?? []);
}

/** `ac-2 (3)`, `NHI5:2025` and `govern 1.6` are written in many ways. */
function spelled(text: string): string {
  const plain = text.trim().toUpperCase();
  const tenet = /^(?:TENET|T) ?([1-7])$/.exec(plain)?.[1];
  if (tenet !== undefined) return `Tenet ${tenet}`;
  return plain.replace(/ +\(/, '(').replace(/^(NHI)0?(\d+)(?::2025)?$/, '$1$2');
}
