import type { FindingBody } from '../policy/findings.ts';
import { exceptionOf, isSettledBy } from '../policy/settled-by.ts';
import { jsonText } from '../text/json.ts';

/** The entries of the policy that would settle it. */
export function entryLines(key: string, body: FindingBody): string[] {
  const approval = isSettledBy(body, 'approval');
  const id = key.slice(0, 8);
  return [
    ...(approval
      ? [
          `To approve it, add this to "approvals" of policy.json, or let \`noctule approve ${id}\` write it:`,
          indent(jsonText(body.approve, 2)),
        ]
      : []),
    ...(isSettledBy(body, 'denial')
      ? [
          `To deny it, add this to "denials"; \`noctule deny\` does${approval ? ', and `noctule except` accepts it until a day' : ''}:`,
          indent(jsonText(body.deny, 2)),
        ]
      : []),
    ...(approval
      ? []
      : [
          `No approval settles it. To accept it until a day, add this to "exceptions" of policy.json, or let \`noctule except ${id}\` write it:`,
          indent(jsonText(exceptionOf(key), 2)),
        ]),
  ];
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
