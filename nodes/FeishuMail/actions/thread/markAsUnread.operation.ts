import { markAsUnreadOf } from '../message/changes';
import { threads } from './thread';

export const markAsUnread = markAsUnreadOf(threads);
