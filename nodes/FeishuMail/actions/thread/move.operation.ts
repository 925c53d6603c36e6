import { moveOf } from '../message/changes';
import { threads } from './thread';

export const move = moveOf(threads);
