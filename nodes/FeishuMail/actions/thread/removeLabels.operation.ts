import { removeLabelsFrom } from '../message/changes';
import { threads } from './thread';

export const removeLabels = removeLabelsFrom(threads);
