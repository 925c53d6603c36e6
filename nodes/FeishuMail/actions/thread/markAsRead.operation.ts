import { markAsReadOf } from '../message/changes';
import { threads } from './thread';

export const markAsRead = markAsReadOf(threads);
