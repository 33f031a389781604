/** A column in which something about a person may stand. */
export interface PersonalField {
  holds: string;
  purpose: string;
  /** How long it is kept. Absent = as long as the database, or until the person is forgotten. */
  kept?: string;
  /** What forgetting a person does to it. */
  forgetting: 'replaced' | 'removed' | 'kept';
}

const FACT =
  'what a provider states: id, login or address, standing, traits, times of sign-in and use, in paths and addresses of pages too';
const ANSWER = 'who has access to what is the question that the program answers';
const PLACE = 'a place that was read, which may be one user’s';
const COVERAGE = 'absence may be concluded only where a place was read';
const JUDGED = 'names of some holders, and of apps and keys that are named after their holder';
const DECISION = 'whoever has to decide needs to know whose access it is';
const ID = 'an id of an app that is made of the id of its holder, where a key or account is the app itself';

const replaced = (holds: string, purpose: string): PersonalField => ({ holds, purpose, forgetting: 'replaced' });
const fact = replaced(FACT, ANSWER);
const place = replaced(PLACE, COVERAGE);
const judged = replaced(JUDGED, DECISION);
const appId = replaced(ID, DECISION);
const said = 'in an analyst’s words';

/** Every column of every table that may hold something about a person. A test holds it, with the others, against the schema. */
export const PERSONAL: Readonly<Record<string, Readonly<Record<string, PersonalField>>>> = {
  observation: {
    native_id: fact,
    thing: fact,
    scope: place,
    app_id: appId,
    principal_id: replaced('the provider’s id of a holder', ANSWER),
    fingerprint: replaced('a digest of the fact', 'what has not changed is not written again'),
    body: fact,
    volatile: fact,
  },
  observation_version: { fingerprint: replaced('a digest of an earlier fact', 'what was known then can be explained'), body: fact },
  volatile_version: { volatile: fact },
  statement: { scope: place, effect: replaced('what could not be read, in words', 'the ledger of coverage') },
  stale_place: { scope: place },
  suspected_place: { scope: place },
  earlier_gap: { scope: place },
  reading: {
    cursor: replaced('where a collector stopped, with ids of the people that it was about to read', 'a scan goes on after an interruption'),
  },
  source_result: { message: replaced('why a source was not read, in words', 'the ledger of coverage') },
  integration: { app_id: appId, name: judged, body: judged },
  integration_version: { name: judged, body: judged },
  finding: { app_id: appId, credential_id: appId, title: judged, body: judged },
  finding_version: { title: judged, body: judged },
  finding_event: { detail: judged },
  decision: { app_id: appId },
  outbox: {
    payload: {
      ...replaced(
        'the text of a ticket: names of some holders, and of apps and keys that are named after their holder',
        'whoever has to decide is told in the tracker that they use',
      ),
      kept: 'until it is written to the tracker',
    },
    message: {
      ...replaced('why a tracker did not take it, in words', 'a write that failed can be mended'),
      kept: 'until it is written to the tracker',
    },
  },
  finding_act: {
    text: replaced(`whom a finding was assigned to, or what is to be said of it, ${said}`, 'whoever decides next knows who looks after it'),
    actor: replaced('the operating system’s user who did it', 'whoever audits knows who acted'),
  },
  app_to_judge: { app_id: { ...appId, kept: 'until the next judgement' } },
  document: {
    content: replaced(
      'files by which scans were judged: addresses of owners and approvers, and the account that a credential acts for',
      'an old verdict can be explained',
    ),
  },
  identity_override: {
    principal_id: { holds: 'whom an analyst spoke of', purpose: 'the class that an analyst gave counts', forgetting: 'removed' },
    reason: replaced('why, in the analyst’s words', 'the class that an analyst gave counts'),
    actor: replaced('the operating system’s user who said so', 'whoever audits knows who decided'),
  },
  pseudonym: {
    pseudonym: {
      holds: 'where a tenant keeps pseudonyms: what stands for an id, a login or an address',
      purpose: 'a provider can be asked again, and a name told to whoever has the key',
      forgetting: 'removed',
    },
    sealed: {
      holds: 'the id, login or address itself, encrypted with the key that is in no database',
      purpose: 'a provider can be asked again, and a name told to whoever has the key',
      forgetting: 'removed',
    },
  },
  scan: { actor: { holds: 'the operating system’s user who began it', purpose: 'whoever audits knows who acted', forgetting: 'kept' } },
  lease: {
    host: {
      holds: 'the machine that scans, which may be named after its owner',
      purpose: 'one scan at a time',
      kept: 'while a scan runs',
      forgetting: 'kept',
    },
  },
  audit_event: {
    actor: {
      holds: 'the operating system’s user who acted',
      purpose: 'whoever audits knows who acted; the trail is never changed',
      kept: 'for ever',
      forgetting: 'kept',
    },
    details: {
      holds: 'names of sources, ids of products, counts and hashes; nobody whom the program reads about',
      purpose: 'whoever audits knows what was done; the trail is never changed',
      kept: 'for ever',
      forgetting: 'kept',
    },
  },
};
