import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';

import { Profile } from './profile.jsx';

export function render() {
  return renderToString(
    <StrictMode>
      <Profile />
    </StrictMode>,
  );
}
