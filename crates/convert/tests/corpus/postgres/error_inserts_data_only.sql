INSERT INTO public.t (id, tags) VALUES (1, '{a,b}');
