import { markAsUnreadOf } from './changes';
import { messages } from './messages';

export const markAsUnread = markAsUnreadOf(messages);
