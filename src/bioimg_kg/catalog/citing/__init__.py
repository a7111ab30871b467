"""How to cite a study, a view and a release: one model, and a module for each form that it is written in."""
