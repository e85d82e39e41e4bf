"""The front end's JavaScript modules; a package only so that they are installed with the rest."""
