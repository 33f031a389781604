import type { Reach } from '../http/reach.ts';
import type { Secret } from '../secret/secret.ts';
import { jsonText } from '../text/json.ts';
import { post } from './post.ts';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';
import { signedHeaders } from './signature.ts';

/** Posts a signed notice as JSON. `now` is the moment of the attempt, by which a receiver refuses what is stale. */
export function webhookNotifier({ url, secret, reach, now }: { url: string; secret: Secret; reach: Reach; now(): Date }): Notifier {
  return {
    async send(notice, signal) {
      const body = jsonText(payloadOf(notice));
      const signed = signedHeaders(secret.reveal(), { id: notice.id, at: now(), body });
      await post({ url, reach, headers: { 'content-type': 'application/json', ...signed }, body, signal });
      return undefined;
    },
  };
}

/** What a receiver gets: texts in it hold what providers said, and are to be shown as text. */
function payloadOf({ id, tenant, at, night }: Notice): object {
  return { type: night ? 'noctule.night' : 'noctule.test', timestamp: at, data: { formatVersion: 1, notice: id, tenant, ...night } };
}
