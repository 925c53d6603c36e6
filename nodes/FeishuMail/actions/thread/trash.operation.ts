import { trashOf } from '../message/changes';
import { threads } from './thread';

export const trash = trashOf(threads);
