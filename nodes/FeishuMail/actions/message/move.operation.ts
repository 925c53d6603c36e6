import { moveOf } from './changes';
import { messages } from './messages';

export const move = moveOf(messages);
