import type { Principal } from './principal.ts';
import type { Confidence, IdentityClass } from './words.ts';

export interface Classified {
  class: IdentityClass;
  confidence: Confidence;
  /** One plain sentence each, the deciding one first. */
  reasons: readonly string[];
}

/** What an analyst said, against or beyond what can be read. */
export interface Override {
  class: IdentityClass;
  reason: string;
  actor: string;
  /** ISO 8601 in UTC. */
  at: string;
}

/** Human, machine or AI, by what connectors state of it and by nothing else. What the facts say stays among the reasons of an override. */
export function classOf(principal: Principal, override?: Override): Classified {
  const read = byFacts(principal);
  if (!override) return read;
  const why = `${override.actor} said so on ${override.at.slice(0, 10)}: ${override.reason}`;
  return {
    class: override.class,
    confidence: 'declared',
    reasons: [why, `By the facts: ${read.class}, ${read.confidence}`, ...read.reasons],
  };
}

function byFacts(principal: Principal): Classified {
  const evidence = [...agentEvidence(principal), ...machineEvidence(principal), ...humanEvidence(principal)];
  const [first] = evidence;
  if (!first) return unknown(principal);
  const reasons = evidence.map(({ why }) => why);
  // A directory of people that lists an agent, or a role that programs and people share: one of the two is the weaker word.
  const disputed = first.for !== 'human' && evidence.some((one) => one.for === 'human');
  return { class: first.for, confidence: disputed ? 'unclear' : first.confidence, reasons };
}

interface Evidence {
  for: IdentityClass;
  confidence: Exclude<Confidence, 'declared'>;
  why: string;
}

function agentEvidence({ id, traits, said }: Principal): Evidence[] {
  const found: Evidence[] = [];
  if (traits.includes('agent_runtime'))
    found.push({ for: 'ai', confidence: 'sure', why: 'It is the identity of an agent, or of what agents run in' });
  // The bot of an app is the app; whose product that is, its ids say.
  const apps = traits.includes('bot_account') ? said.flatMap(({ app }) => app ?? []) : [];
  const ai = apps.filter(({ verdict }) => verdict === 'ai');
  if (ai.length > 0 && ai.length === apps.length) {
    const sure = ai.every(({ grade }) => grade === 'exact' || grade === 'strong');
    found.push({ for: 'ai', confidence: sure ? 'sure' : 'likely', why: `It is the bot ${id} of an app that the catalog knows as AI` });
  }
  return found;
}

function machineEvidence({ traits, kinds }: Principal): Evidence[] {
  const found: Evidence[] = [];
  const machine = (why: string, confidence: Evidence['confidence'] = 'sure') => found.push({ for: 'machine', confidence, why });
  if (traits.includes('bot_account')) machine('The provider marks it as a bot');
  if (traits.includes('key_holder')) machine('The provider’s console made it for one key');
  if (traits.includes('workload')) machine('It is made for programs');
  const signsIn = traits.includes('interactive_login') || traits.includes('directory_person');
  if (found.length > 0 || signsIn) return found;
  if (traits.includes('standing_credential')) machine('It holds a key or token, and nothing says that anybody signs in with it', 'likely');
  if (kinds.includes('service_account')) machine('It is listed among accounts of programs', 'likely');
  return found;
}

function humanEvidence({ traits, kinds }: Principal): Evidence[] {
  const found: Evidence[] = [];
  const human = (why: string, confidence: Evidence['confidence'] = 'likely') => found.push({ for: 'human', confidence, why });
  if (traits.includes('directory_person')) human('A directory of people lists it', 'sure');
  if (traits.includes('interactive_login'))
    human(kinds.includes('service_account') ? 'People sign in to it, perhaps several' : 'Somebody signs in with it');
  return found;
}

/** Nothing tells. A user is taken for a person, and whatever else acts for a program; both are for somebody to look at. */
function unknown({ kinds }: Principal): Classified {
  const isUser = kinds.includes('identity');
  const why = isUser
    ? 'It is listed among users, and nothing says whether a person or a program uses it'
    : 'It is only named as a holder, and nothing says what it is';
  return { class: isUser ? 'human' : 'machine', confidence: 'unclear', reasons: [why] };
}
