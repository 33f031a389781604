import type { Reach } from '../http/reach.ts';
import type { Secret } from '../secret/secret.ts';
import { jsonText } from '../text/json.ts';
import { documentOf } from './digest.ts';
import { slackText } from './markup.ts';
import type { Notifier } from './notifier.ts';
import { post } from './post.ts';

/** Posts into a channel by an incoming webhook of Slack, or of what takes the same. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackNotifier({ url, reach }: { url: Secret; reach: Reach }): Notifier {
  return {
    async send(notice, signal) {
      const message = { text: slackText(documentOf(notice)), mrkdwn: true, link_names: false, unfurl_links: false, unfurl_media: false };
      await post({ url: url.reveal(), reach, headers: { 'content-type': 'application/json' }, body: jsonText(message), signal });
      return undefined;
    },
  };
}
