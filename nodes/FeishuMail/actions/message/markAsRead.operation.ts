import { markAsReadOf } from './changes';
import { messages } from './messages';

export const markAsRead = markAsReadOf(messages);
