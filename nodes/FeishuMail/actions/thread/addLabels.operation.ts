import { addLabelsTo } from '../message/changes';
import { threads } from './thread';

export const addLabels = addLabelsTo(threads);
