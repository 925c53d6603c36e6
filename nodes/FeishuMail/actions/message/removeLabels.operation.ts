import { removeLabelsFrom } from './changes';
import { messages } from './messages';

export const removeLabels = removeLabelsFrom(messages);
