/**
 * A rule as data: what it is called, why it matters, how grave it is, and what to do where that is more than to take the access away. Functions
 * say when it fires; how to take something away is its connector's to say.
 */
export const RULES = {
  'unapproved-ai-tool': {
    title: 'AI tool that nobody approved',
    why: 'It has access, and no approval, owner or review stands behind it.',
    severity: 'By the most that it can do: critical, high, medium; low where it is known to do nothing but sign people in.',
  },
  'denied-ai-tool': {
    title: 'AI tool that was denied',
    why: 'The organisation decided against it, and it still has access.',
    severity: 'Critical where it can do much, else high.',
  },
  'approval-exceeded': {
    title: 'Approved AI tool beyond its approval',
    why: 'What it may do has grown past what was agreed to.',
    severity: 'High where it can do much, else medium.',
  },
  'approval-expired': {
    title: 'AI tool whose approval has expired',
    why: 'Nobody has looked at it since the approval ended.',
    severity: 'Medium.',
  },
  'probation-over': {
    title: 'AI tool whose probation is over',
    why: 'It was let in on trial, and nobody has decided whether it stays.',
    severity: 'Medium.',
    remedy: 'Decide: approve it in policy.json, with "stage" and "expires" anew, or deny it and take the access away.',
  },
  'review-due': {
    title: 'Approved AI tool that is due for review',
    why: 'It is approved still, and nobody has looked at it again as was agreed.',
    severity: 'Low.',
    remedy: 'Look at it again. Then give the approval in policy.json its next day of review, or take it out.',
  },
  'look-alike-of-approved': {
    title: 'App that calls itself like an approved AI tool',
    why: 'A name can be chosen by anybody; nothing but the name ties this app to the approved product.',
    severity: 'As if nobody had approved anything: by the most that it can do.',
  },
  'suspected-ai-tool': {
    title: 'App that may be an AI tool',
    why: 'Something about it speaks of AI, but not enough to be sure.',
    severity: 'Medium where it can do more than a little, else low.',
  },
  'ai-feature-of-general-tool': {
    title: 'General tool with AI features',
    why: 'Its AI features may see what the tool sees.',
    severity: 'Low.',
  },
  'never-expiring-ai-key': {
    title: 'Key for an AI service that never expires',
    why: 'Whoever gets hold of it can use it for ever.',
    severity: 'Critical for the key of an AI service itself, high for one that is only known by its name.',
  },
  'exposed-key': {
    title: 'Key that was seen where others can read it',
    why: 'Whoever found it has what it opens. Disabled is not deleted: it can be enabled again, and nobody knows what it was used for before.',
    severity: 'Critical.',
    remedy: 'Delete the key, and look through the logs for what it was used for.',
  },
  'leaver-holds-grant': {
    title: 'AI tool still holds the access of somebody who left',
    why: 'The grant outlives the person and nobody misses it.',
    severity: 'High.',
  },
  'general-key-of-key-holder': {
    title: 'Account of one AI key that also has a general key',
    why: 'It was made for one key of one service; the other key opens everything that the account may do.',
    severity: 'Critical.',
  },
  'delegation-to-outside': {
    title: 'Client from outside that may act as everybody',
    why: 'It needs nobody’s consent and stands in no list of grants, and whoever holds its key is outside the organisation.',
    severity: 'Critical where it can do much, else high.',
  },
  'trust-without-condition': {
    title: 'Trust that anybody of the other side can use',
    why: 'Nothing ties it to this customer: whoever the other side lets in, by mistake or by deceit, comes in here.',
    severity: 'Critical where anybody or any identity provider comes in, high for an account, else medium.',
  },
  'trust-of-unnamed-account': {
    title: 'Outside account that nobody has named',
    why: 'It may act here, and nobody has said whose it is.',
    severity: 'Medium where it can use AI services, else low.',
  },
  'trust-of-deleted-party': {
    title: 'Trust in something that was deleted',
    why: 'It helps nobody, and hides what is still in use.',
    severity: 'Low.',
  },
  'key-of-root': {
    title: 'Access key of the root user',
    why: 'No policy restrains the root user: whoever gets hold of the key has the whole account.',
    severity: 'Critical.',
    remedy: 'Find out what uses the key, give that a role of its own, and delete the key as the root user.',
  },
  'key-of-unknown-service': {
    title: 'Long-lived key for a new service',
    why: 'The catalog does not know the service: it may be one of AI.',
    severity: 'Low.',
  },
  'orphaned-key-holder': {
    title: 'Account that was left behind by its AI key',
    why: 'It was made for keys that have ended, and keeps what they could do for the next one.',
    severity: 'Medium.',
    remedy: 'Take away what it may do, then delete the account. Nothing can use it but a key that is made for it anew.',
  },
  'idle-ai-access': {
    title: 'Access to AI services that nobody uses',
    why: 'It helps nobody, and whoever gets hold of it can use it unnoticed.',
    severity: 'Low.',
  },
  'person-and-program-share': {
    title: 'Account that a person and a program share',
    why: 'It can use AI services, and nobody can tell which of the two did.',
    severity: 'Medium.',
    remedy: 'Give the program a role or an account of its own, and delete the key.',
  },
  'agents-share-role': {
    title: 'Role that several agents share',
    why: 'Each of them may do what all of them need, and what one did cannot be told from what the others did.',
    severity: 'Medium.',
  },
  'shared-ai-identity': {
    title: 'Identity that several AI tools share',
    why: 'Each of them may do what all of them need, what one did cannot be told from what the others did, and none can be taken away alone.',
    severity: 'High where one of them can do much, else medium.',
    remedy: 'Give each tool an identity of its own with what it needs, and take the shared one away from all but one of them.',
  },
  'open-gateway': {
    title: 'Open gateway of agents',
    why: 'It asks for no authorisation: whoever finds its address can use it, and every tool behind it.',
    severity: 'High.',
  },
  'unlisted-key-in-use': {
    title: 'Short-lived key in use that no list shows',
    why: 'It was made from the rights of its holder, and cannot be seen, counted or taken away by itself.',
    severity: 'Medium.',
    remedy: 'Find out who makes these keys. They end within hours; what makes them is the right of their holder to call with a key.',
  },
  'mixed-powers': {
    title: 'AI tool with several kinds of power',
    why: 'Whoever turns it, by what it reads, has its tools and production at once.',
    severity:
      'Medium where it reads data of people, invokes tools or models and changes production; low where it has two of these. None where an approval says how much it may do.',
    remedy: 'Give each of these tasks an identity of its own, or say in an approval how much it may do.',
  },
  'over-privileged-ai': {
    title: 'AI tool that may do nearly everything',
    why: 'No task needs so much, and whatever goes wrong with it goes wrong everywhere.',
    severity: 'High where it administers something, medium where it may write everywhere. None where an approval says how much it may do.',
    remedy: 'Give it the permissions and the places that its task needs, and no others; or say in an approval how much it may do.',
  },
  'ai-above-people': {
    title: 'AI tool that may do more than people may',
    why: 'It was given more than the people of the same account have for their work, and whoever turns it has that.',
    severity: 'High where it administers something, else medium. None where an approval says how much it may do.',
    remedy: 'Give it what its task needs and no more than the people whose work it does, or say in an approval how much it may do.',
  },
  'delegation-to-ai': {
    title: 'AI tool that may act as everybody',
    why: 'It needs nobody’s consent, and reads and writes as whomever it likes.',
    severity: 'Critical, or high where it was approved.',
  },
  'ai-with-persons-key': {
    title: 'AI tool that acts with a person’s key',
    why: 'What it did cannot be told from what the person did, and it may do all that the person’s key may.',
    severity: 'High where it can do much, else medium.',
    remedy: 'Give the tool an identity of its own, with what it needs and no more, and take the person’s key away from it.',
  },
  'unrestricted-ai-key': {
    title: 'Key that opens an AI service, and every other',
    why: 'It may have been made for something else, and pays for models now; nothing says that anybody meant it to.',
    severity: 'High, or medium where only named callers may use it.',
    remedy:
      'Limit the key to the services that it was made for. If the AI service is meant to be used, make another key that is limited to it.',
  },
  'standing-key-reaches-ai': {
    title: 'Key without an end that can use AI services',
    why: 'Whoever gets hold of it can use models at the organisation’s cost, for ever.',
    severity: 'Medium where it can do everything with these services, else low.',
    remedy: 'Let the program take a role, whose credentials end by themselves, and delete the key.',
  },
  'old-ai-key': {
    title: 'Key for AI services that was not changed for long',
    why: 'The longer it is there, the more people and machines have seen it.',
    severity: 'Medium after a year, low after ninety days.',
    remedy: 'Make another key, let the program use that, and delete this one.',
  },
  'unused-ai-access': {
    title: 'Access to AI services that was not used for long',
    why: 'It helps nobody, and whoever gets hold of it can use it unnoticed.',
    severity: 'Low.',
    remedy: 'Ask who needs it. If nobody does, disable it, and delete it some weeks later.',
  },
  'leaked-ai-secret': {
    title: 'Key of an AI service that leaked',
    why: 'Whoever can read the place has it.',
    severity: 'Critical where it is public or known to work still, else high.',
    remedy:
      'Revoke the key with the vendor first, look there for what it was used for, then close the alert. To take it out of the code is not enough.',
  },
  'ai-secret-for-everything': {
    title: 'Key of an AI service that every repository gets, every private one, or many that were chosen',
    why: 'Whoever may change a workflow of one of them can take it.',
    severity: 'Medium where nobody chose them, low where ten or more were chosen.',
    remedy: 'Give the secret to the repositories that need it, and change the key: whoever could read it may have.',
  },
  'agent-without-owner': {
    title: 'Agent that nobody answers for',
    why: 'Where it was registered, nobody is named who runs it or decides about it.',
    severity: 'Low.',
    remedy: 'Find out who runs it, and enter that where it is registered.',
  },
  'entitlement-drift': {
    title: 'AI tool whose access has grown',
    why: 'It was let in with less, and nobody has looked at what it may do since.',
    severity:
      'By the greatest step: high where it gained much, medium for some or for many more holders, low for little. None within the limit of an approval.',
    remedy: 'Ask who wanted more and what for. Take away what nobody needs, or approve it with a limit.',
  },
  'revoked-and-returned': {
    title: 'AI tool that was taken away and is back',
    why: 'Whoever took it away had a reason, and somebody let it in again.',
    severity: 'High where it was denied or can do much, else medium. It is told for ninety days.',
    remedy: 'Ask who let it in again. To take it away once more is not enough: keep it from being let in, or decide about it.',
  },
  'spread-of-ai-tool': {
    title: 'AI tool that has spread to another account',
    why: 'It was known elsewhere, and came to an account that was being read and did not have it. What was looked at there was not looked at here.',
    severity:
      'By what it can do here that it could do nowhere before: high where that is much, medium for some, else low. None within the limit of an approval. It is told for ninety days.',
    remedy:
      'Ask who brought it here and what for. What was decided elsewhere was not decided about this account: approve it here too, or take it away.',
  },
  'no-approval-gate': {
    title: 'AI tool that may change code with nobody to approve',
    why: 'What it writes counts without a person having looked at it.',
    severity:
      'High. What is switched off for everybody is a setting of the account, and no finding of each app. What was merged is told as long as a log tells of it.',
    remedy:
      'Take it out of those who may go around the rule, let branches demand the approval of a person before something is merged, and look at what was merged without one.',
  },
  'model-calls-unlogged': {
    title: 'Calls of models that nobody logs',
    why: 'What was asked and answered cannot be told afterwards.',
    severity: 'Low.',
    remedy: 'Switch on the logging of model calls in that region. It is a setting of the account, and holds for everybody who calls.',
  },
  'known-compromised': {
    title: 'App that is known to be compromised',
    why: 'Its id is on the organisation’s list of indicators.',
    severity: 'Critical.',
    remedy:
      'Take the access away now, change every key that it could read, and look through the logs for what it was used for: `noctule ioc` tells who held it.',
  },
} as const;
export type RuleId = keyof typeof RULES;

/** What to do about what a rule says; undefined = to take the access away is all there is to do. */
export function remedyOf(rule: RuleId): string | undefined {
  const told = RULES[rule];
  return 'remedy' in told ? told.remedy : undefined;
}
