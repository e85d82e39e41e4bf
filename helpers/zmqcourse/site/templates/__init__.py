"""Templates and style sheets of the site: data, read by `pages`."""
