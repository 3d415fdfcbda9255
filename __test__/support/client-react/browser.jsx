import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';

import { Profile } from './profile.jsx';

hydrateRoot(
  globalThis.document.getElementById('root'),
  <StrictMode>
    <Profile />
  </StrictMode>,
);
