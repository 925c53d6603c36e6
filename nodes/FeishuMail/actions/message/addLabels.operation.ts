import { addLabelsTo } from './changes';
import { messages } from './messages';

export const addLabels = addLabelsTo(messages);
